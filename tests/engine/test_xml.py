"""XML that somebody sent is bounded before anything looks at it."""

import pytest

from engine.diagrams.xml import local_name, namespace, parse_xml
from engine.errors import DiagramError

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def test_a_plain_document_is_parsed_without_comments_and_instructions() -> None:
    root = parse_xml("<?xml version='1.0'?><a><!-- x --><?y z?><b>文</b></a>".encode(), name="f")

    assert [child.text for child in root] == ["文"]
    assert (local_name(root), namespace(root)) == ("a", "")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml_not_readable"),
        (b"<a><b></a>", "xml_not_readable"),
        (b"no xml", "xml_not_readable"),
        (b"<a/>\0", "xml_not_readable"),
        (b"<a>&nobody;</a>", "xml_not_readable"),
        (b'<?xml version="1.0" encoding="UTF-16"?>\xff\xfe', "xml_not_utf8"),
        ("<a/>".encode("utf-16"), "xml_not_utf8"),
        (b"<a>" + b" " * 2_000_000 + b"</a>", "xml_too_large"),
        (b"<!DOCTYPE a><a/>", "xml_doctype"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml_doctype"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml_doctype"),
        (f'<!DOCTYPE a [<!ENTITY a0 "lol">{LAUGHS}]><a>&a9;</a>'.encode(), "xml_doctype"),
        (
            f'<!DOCTYPE a [<!ENTITY a "{"A" * 60_000}">]><a>{"&a;" * 5_000}</a>'.encode(),
            "xml_doctype",
        ),
        (b"<a>" * 41 + b"</a>" * 41, "xml_too_deep"),
        (b"<a>" * 5_000 + b"</a>" * 5_000, "xml_not_readable"),
        (b"<a>" + b"<b/>" * 50_000 + b"</a>", "xml_too_many"),
    ],
)
def test_a_hostile_document_is_refused_with_a_reason(content: bytes, code: str) -> None:
    with pytest.raises(DiagramError) as caught:
        parse_xml(content, name="f.bpmn")

    assert caught.value.code == code
    assert [finding.file for finding in caught.value.findings] == ["f.bpmn"]
