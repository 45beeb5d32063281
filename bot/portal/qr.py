"""The QR code that an authenticator app scans."""

import io

from markupsafe import Markup


def qr_svg(otpauth_uri: str) -> Markup:
    """Return an inline SVG of the URI: it holds the shared secret and goes into no file."""
    import segno  # noqa: PLC0415  # 12 ms of a start, for a page that few see

    out = io.BytesIO()
    segno.make_qr(otpauth_uri, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=4,
        light="#fff",
        svgclass="qr",
        lineclass=None,
        title="QR code for your authenticator app",
        nl=False,
    )
    svg = out.getvalue().decode()
    # segno's own output, made from a URI it only draws: nothing in it came from a request as text
    return Markup(svg.replace("<svg ", '<svg role="img" ', 1))  # noqa: S704  # see above
