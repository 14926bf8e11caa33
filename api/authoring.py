"""Blank diagrams and forms an analyst begins with; what they hold passes the check."""

import json
from collections.abc import Mapping, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="{id}_definitions" targetNamespace="https://hangji.example/bpmn">\n'
)
_BODY: Final = """\
  <bpmn:collaboration id="{id}_collaboration">
    <bpmn:participant id="{id}_pool" name={name} processRef="{id}" />
  </bpmn:collaboration>
  <bpmn:process id="{id}" name={name} isExecutable="true">
    <bpmn:laneSet id="{id}_lanes">
      <bpmn:lane id="lane_first" name="{lane}">
        <bpmn:flowNodeRef>{id}_started</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>{id}_handle</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>{id}_done</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="{id}_started" name="发起">
      <bpmn:extensionElements>
        <spiffworkflow:properties>
          <spiffworkflow:property name="who" value={who} />
        </spiffworkflow:properties>
      </bpmn:extensionElements>
      <bpmn:outgoing>{id}_begins</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="{id}_handle" name="办理">
      <bpmn:extensionElements>
        <spiffworkflow:properties>
          <spiffworkflow:property name="form" value="{id}_answer" />
          <spiffworkflow:property name="phase" value="handle" />
          <spiffworkflow:property name="deadline" value="handle" />
        </spiffworkflow:properties>
      </bpmn:extensionElements>
      <bpmn:incoming>{id}_begins</bpmn:incoming>
      <bpmn:outgoing>{id}_ends</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="{id}_done" name="办结">
      <bpmn:extensionElements>
        <spiffworkflow:properties>
          <spiffworkflow:property name="outcome" value="{outcome}" />
        </spiffworkflow:properties>
      </bpmn:extensionElements>
      <bpmn:incoming>{id}_ends</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="{id}_begins" sourceRef="{id}_started" targetRef="{id}_handle" />
    <bpmn:sequenceFlow id="{id}_ends" sourceRef="{id}_handle" targetRef="{id}_done" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="{id}_diagram">
    <bpmndi:BPMNPlane id="{id}_plane" bpmnElement="{id}_collaboration">
      <bpmndi:BPMNShape id="{id}_pool_shape" bpmnElement="{id}_pool" isHorizontal="true">
        <dc:Bounds x="160" y="80" width="560" height="160" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="lane_first_shape" bpmnElement="lane_first" isHorizontal="true">
        <dc:Bounds x="190" y="80" width="530" height="160" />
      </bpmndi:BPMNShape>
{started}      <bpmndi:BPMNShape id="{id}_handle_shape" bpmnElement="{id}_handle">
        <dc:Bounds x="390" y="120" width="100" height="80" />
      </bpmndi:BPMNShape>
{done}      <bpmndi:BPMNEdge id="{id}_begins_edge" bpmnElement="{id}_begins">
        <di:waypoint x="278" y="160" />
        <di:waypoint x="390" y="160" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="{id}_ends_edge" bpmnElement="{id}_ends">
        <di:waypoint x="490" y="160" />
        <di:waypoint x="602" y="160" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
_CIRCLE: Final = """\
      <bpmndi:BPMNShape id="{node}_shape" bpmnElement="{node}">
        <dc:Bounds x="{x}" y="142" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="{label_x}" y="185" width="26" height="14" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
"""


def blank_diagram(process: str, *, name: str, who: str, lane: str, outcome: str) -> dict[str, str]:
    """The files of a process with one task: the diagram and its two forms."""
    words = {"id": process, "name": quoteattr(name), "who": quoteattr(who)}
    circles = {
        event: _CIRCLE.format(node=f"{process}_{event}", x=x, label_x=x + 5)
        for event, x in (("started", 242), ("done", 602))
    }
    drawn = (_HEAD + _BODY).format(**words, **circles, lane=lane, outcome=outcome)
    asked = {
        "id": f"{process}_started",
        "title": {"zh": name, "en": name},
        "fields": [_note("description", "说明", "Description", required=True)],
    }
    answer = blank_form(
        f"{process}_answer", title="办理", name=f"{process}_note", words="办理情况", options={}
    )
    return {
        f"{process}.bpmn": drawn,
        f"forms/{process}_started.json": _written(asked),
        f"forms/{process}_answer.json": answer,
    }


def blank_form(form: str, *, title: str, name: str, words: str, options: Mapping[str, str]) -> str:
    """A form with one question: a choice where there are options, else a text."""
    if not options:
        return _written(
            {
                "id": form,
                "title": {"zh": title, "en": title},
                "fields": [_note(name, words, words, required=True)],
            }
        )
    choice = {
        "name": name,
        "type": "choice",
        "label": {"zh": words, "en": words},
        "required": True,
        "options": [
            {"value": value, "label": {"zh": label, "en": label}}
            for value, label in options.items()
        ],
    }
    fields: Sequence[object] = [choice, _note(f"{form}_note", "说明", "Note", required=False)]
    return _written({"id": form, "title": {"zh": title, "en": title}, "fields": fields})


def _note(name: str, zh: str, en: str, *, required: bool) -> dict[str, object]:
    field: dict[str, object] = {"name": name, "type": "longtext", "label": {"zh": zh, "en": en}}
    return {**field, "required": True} if required else field


def _written(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
