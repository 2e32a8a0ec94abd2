"""The reasons that formulas give which are evaluated as texts: why they are none, and why they have no value."""

from __future__ import annotations

from xlrotation.languages import Text

OF_FORMULAS = (
    Text("{word} changes by the clock, not by the date that is asked"),
    Text("{word} changes by the clock, so that no data explain it"),
    Text("leave it out"),
    Text("leave it blank there"),
    Text("{word} has an as-of date of its own in the formula"),
    Text("{word} stands in a formula that is itself evaluated"),
    Text("{word} stands in a formula that is itself explained"),
    Text("give its formula alone"),
    Text("it refers to a cell, and one formula alone has no cells"),
    Text("write the value itself"),
    Text("{word} gives cells, and one formula alone has no cells"),
    Text("{word} is given a cell, and one formula alone has no cells"),
    Text("{word} asks for the cell that it stands in, and one formula alone has none"),
    Text("check its parentheses and quotes"),
    Text("{text} gives a table"),
    Text("take one value of it with INDEX or a sum"),
    Text("take one of it with INDEX"),
    Text("{text} takes too many steps, alone or with the others"),
    Text("{text} takes too many steps to be computed again and again, as explaining it needs"),
    Text("{text} has no value in {word}"),
    Text("{text} has no value for any member"),
    Text("{text} holds for none of the {word} members that have a value"),
    Text("the first reason: {word}"),
    Text("the formula itself gives {word}"),
    Text("{text} uses the table {word}, which the evaluation does not know"),
    Text("{text} uses {word}, which tells of the computer that Excel runs on"),
    Text("{text} for {word} and numbers for others"),
    Text("compare them all"),
    Text("{text} for {word}, and a screen needs a number, which an operator compares"),
    Text("{text} for {word}, and a screen needs TRUE or FALSE, or a number, for each member"),
    Text("spreadsheets take {word}"),
    Text("refresh, or give a later date"),
    Text("the head {text} stands for {word}, which another column is as well"),
    Text("the head {text} is none of a rule"),
    Text("sample data: synthetic paths through published figures, not market data"),
)
