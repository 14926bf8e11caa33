/** Our own drawing rules, by name. One rule, one file. */
import idWasWrittenByAPerson from './id-was-written-by-a-person.mjs';
import userTaskHasFormPhaseAndDeadline from './user-task-has-form-phase-and-deadline.mjs';

export default {
  'id-was-written-by-a-person': idWasWrittenByAPerson,
  'user-task-has-form-phase-and-deadline': userTaskHasFormPhaseAndDeadline
};
