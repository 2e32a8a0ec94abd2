"""The reasons that watch rules give."""

from __future__ import annotations

from xlrotation.languages import Text

OF_WATCHES = (
    Text("there is no rule"),
    Text("{word} rules are more than the {word2} that are looked at together"),
    Text("{text} stands beside it and means nothing"),
    Text("its {word} is the error {word2}"),
    Text("it has no formula"),
    Text("{text} is a value and no formula"),
    Text("{text} is no operator"),
    Text("the operator {word} has no threshold"),
    Text("the threshold {text} has no operator"),
    Text("its {word} {text} is no number"),
    Text("no session after {word} up to the as-of session {word2}"),
    Text("its formula gives a table, and a rule compares one value"),
    Text("its formula gives TRUE or FALSE, which no threshold goes with"),
    Text("its formula gives {text}, and a rule compares a number or TRUE and FALSE"),
    Text("its formula gives a number, and the rule has no threshold"),
    Text("{word} of {word2} new sessions have no value, such as {word3}: {text}"),
    Text("{word} of {word2} new sessions have no value"),
    Text("the data hold no {word}, so that what followed is not told"),
)
