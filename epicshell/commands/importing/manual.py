"""What `help import` tells."""

MANUAL = """\
clients|contracts|events|employees import FILE [--apply]

Without --apply nothing is changed: what would be created, updated, skipped and
refused is shown, with the line or cell. With it all of it is done, or none;
--skip-errors leaves out what is refused.

FILE is .csv in UTF-8, up to 100 MB, or .xlsx without formulas, up to 5 MB, with
a row of headers. They are known by these names, by what people call them in
English or French, or by --map "HEADER=FIELD":

  clients    full_name email phone company first_contact_on
  contracts  client total due signed signed_at
  events     contract name starts_at ends_at location attendees notes
  employees  username full_name email department

A column id has the file's own numbers. They are remembered with the file's name
or --source NAME: bring it in again as often as you like; rows that changed are
updated. client and contract are epicshell's numbers, or with --source the
file's own, and #12 epicshell's; client may be an e-mail address. An empty cell
changes nothing. A file with id and revision is one of epicshell's own exports.

Old event sheets, one event or many to a sheet, labels in English or French:

  events import --legacy FILE.xlsx [--map-contract OLD=ID] [--apply]

An event goes to the contract that its sheet names; the client's name has to
agree. Neither clients nor contracts are made. A free number is kept."""
