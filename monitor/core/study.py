"""The Study: what the science found, in a form that claims can be compared with."""
