"""The content of a drawing, decided once for all kinds of pictures: `plan.drawing_of` returns it as a `Drawing`.

`picture/`, `page/` and `terminal/` translate a `Drawing` into points, plotly and characters.
"""
