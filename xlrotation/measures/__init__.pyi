"""The mathematics: numpy in, numpy out, no dates, no names."""

from xlrotation.measures import arrays as arrays
from xlrotation.measures import averages as averages
from xlrotation.measures import breadth as breadth
from xlrotation.measures import dispersion as dispersion
from xlrotation.measures import events as events
from xlrotation.measures import fedwatch as fedwatch
from xlrotation.measures import flows as flows
from xlrotation.measures import implied as implied
from xlrotation.measures import levels as levels
from xlrotation.measures import macro as macro
from xlrotation.measures import mechanical as mechanical
from xlrotation.measures import modelfree as modelfree
from xlrotation.measures import options as options
from xlrotation.measures import relative as relative
from xlrotation.measures import rotation as rotation
from xlrotation.measures import sliding as sliding
from xlrotation.measures import smile as smile
from xlrotation.measures import streaks as streaks
from xlrotation.measures import stress as stress
from xlrotation.measures import ties as ties
from xlrotation.measures import volatility as volatility
