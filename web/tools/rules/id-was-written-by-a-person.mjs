/**
 * Ids bind functions, forms, tests and history: they are words in snake_case.
 *
 * good: `resolve_or_pass_up`    bad: `Activity_0x1abc`, `ResolveOrPassUp`
 */
const WRITTEN = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const DRAWN = ['bpmn:FlowNode', 'bpmn:SequenceFlow', 'bpmn:Lane', 'bpmn:Process', 'bpmn:Message'];

export default function idWasWrittenByAPerson() {
  return {
    check(node, reporter) {
      const isDrawn = DRAWN.some((type) => node.$instanceOf(type));
      if (isDrawn && !WRITTEN.test(node.id ?? '')) {
        reporter.report(node.id, '编号要用小写英文单词和下划线，例如 resolve_or_pass_up', ['id']);
      }
    }
  };
}
