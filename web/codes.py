"""QR codes as SVG: for a printed card, and for the receipt of a report."""

import base64
import io

import segno


def qr_svg(text: str) -> bytes:
    """A QR code of a text, as an SVG file."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=4, border=2)
    return drawn.getvalue()


def qr_in_page(text: str) -> str:
    """The address of an image that stands in the page itself: nothing is asked for to see it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(qr_svg(text)).decode()}"
