"""The charts of a page as files of their own: SVG and PNG with title, user, time and filters in the picture.

They come from the same view model as the page, so they show what the page shows and nobody sees more.
"""
