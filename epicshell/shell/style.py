"""How things look: attributes and the terminal's own colours, so that dark and light backgrounds are both readable."""

from functools import cache

from prompt_toolkit.styles import Style

STYLES = {
    "prompt": "bold",
    "command": "bold",
    "flag": "ansimagenta",
    "value": "",
    "number": "ansibrightblue",
    "quoted": "italic",
    "field": "ansicyan",
    "operator": "bold",
    "keyword": "ansimagenta",
    "comment": "italic",
    "mistake": "ansired underline",
    "bottom-toolbar": "reverse",
    "bottom-toolbar.mistake": "ansired bold",
    "completion-menu": "bg:default fg:default",
    "completion-menu.completion": "bg:default fg:default reverse",
    "completion-menu.completion.current": "bg:default fg:default noreverse bold",
    "completion-menu.meta.completion": "bg:default fg:default reverse",
    "completion-menu.meta.completion.current": "bg:default fg:default noreverse",
    "scrollbar.background": "bg:default reverse",
    "scrollbar.button": "bg:default noreverse",
}


@cache
def style() -> Style:
    """The style of the shell. With NO_COLOR only the attributes are left (prompt_toolkit sees to it)."""
    return Style.from_dict(STYLES)
