/**
 * A person needs a form, the reader one of the six steps (R36), the scheduler a deadline.
 *
 * good: properties `form`, `phase`, `deadline` (or `due`)    bad: a user task without one of them
 */
const PHASES = ['patrol', 'collect', 'dispatch', 'handle', 'verify', 'follow_up'];

export default function userTaskHasFormPhaseAndDeadline() {
  return {
    check(node, reporter) {
      if (!node.$instanceOf('bpmn:UserTask')) return;
      const properties = propertiesOf(node);
      if (!properties.form) reporter.report(node.id, '人工任务缺少表单（form）');
      if (!PHASES.includes(properties.phase)) reporter.report(node.id, '人工任务缺少六步中的一步（phase）');
      if (!properties.deadline && !properties.due) reporter.report(node.id, '人工任务缺少时限（deadline 或 due）');
    }
  };
}

function propertiesOf(node) {
  const extensions = node.extensionElements?.values ?? [];
  const lists = extensions.filter((element) => element.$instanceOf('spiffworkflow:Properties'));
  const pairs = lists.flatMap((list) => list.properties ?? []);
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}
