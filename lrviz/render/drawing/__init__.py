"""What a drawing shows, decided once for all kinds of pictures: `plan.drawing_of` gives the whole of it.

`picture/`, `page/` and `terminal/` translate a `Drawing` into points, plotly and characters.
"""
