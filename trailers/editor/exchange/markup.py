"""XML as editing programs read it: elements with their text, whole documents, nothing that XML forbids."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def put(parent: Element, tag: str, text: object = None, /, **attributes: object) -> Element:
    """A new element within another; attributes of None are left out."""
    made = SubElement(parent, tag, {name: clean(str(value)) for name, value in attributes.items() if value is not None})
    if text is not None:
        made.text = clean(str(text))
    return made


def clean(text: str) -> str:
    """A text without the characters that no XML document may hold."""
    return _FORBIDDEN.sub("", text)


def document(root: Element, doctype: str = "") -> str:
    """A document's text, indented; `doctype` is the name of its type where it declares one."""
    ElementTree.indent(root)
    declared = f"<!DOCTYPE {doctype}>\n" if doctype else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{declared}{ElementTree.tostring(root, encoding="unicode")}\n'
