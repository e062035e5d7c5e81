"""XML from other programs, read with nothing in it that expands or fetches."""

from collections.abc import Iterator
from xml.etree import ElementTree

from trailers.errors import RequestError

Element = ElementTree.Element


def parsed(text: str) -> Element:
    """The root of a document. A RequestError where it is no XML, or declares entities, which nothing here needs."""
    if "<!ENTITY" in text.upper():
        raise RequestError("the XML declares entities, which no editor's program writes; they are not read")
    try:
        return ElementTree.fromstring(text.lstrip("\ufeff \r\n\t"))
    except (ElementTree.ParseError, ValueError) as reason:
        raise RequestError(f"this XML cannot be read: {reason}") from None


def said(element: Element | None, path: str, otherwise: str = "") -> str:
    """The text at a path under an element."""
    found = None if element is None else element.find(path)
    return (found.text or "").strip() if found is not None and found.text else otherwise


def number(element: Element | None, path: str, otherwise: int) -> int:
    """A whole number at a path; what is none counts as not there."""
    try:
        return round(float(said(element, path)))
    except (ValueError, OverflowError):
        return otherwise


def below(element: Element, *names: str) -> Iterator[Element]:
    """An element's children of these names, in order."""
    return (child for child in element if child.tag in names)
