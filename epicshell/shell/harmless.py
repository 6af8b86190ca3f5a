"""What is being typed, shown as what it is: a character that hides or turns others round is shown as a sign."""

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

from epicshell.text import escape

SIGN = "\ufffd"  #: REPLACEMENT CHARACTER: one for one, so that the cursor stays where it is


class Harmless(Processor):
    """For the lines of a prompt: a pasted one may hold anything. (prompt_toolkit itself shows controls as ^X.)"""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        shown: StyleAndTextTuples = [(one[0], escape(one[1], _sign)) for one in transformation_input.fragments]
        return Transformation(shown)


def _sign(character: str) -> str:
    return SIGN if character >= "\x7f" else character
