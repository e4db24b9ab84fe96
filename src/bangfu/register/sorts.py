"""The sorts of household units, apart from the tables so that pure code can name them."""

FARMING, HUKOU, ALLOWANCE = "farming", "hukou", "allowance"
SORTS = (FARMING, HUKOU, ALLOWANCE)
