// Package workflow moves cases from state to state as their service says: who may take which action, on what
// condition, until when. One row is one running case, locked by whoever acts, with a revision: who acts on what has
// changed meanwhile is told who did what and when.
//
// The clock is fair: targets are working time, it stands while the agency waits for the citizen or for money, and the
// promised date moves by that working time. History keeps for each move how long the state before lasted.
//
// A case in a parallel state goes several ways at once: each branch has its own state, role, officer and target, under the one lock and the one
// promise of the case. What happens by itself (enough branches done, a condition that has become true, time that is over) is decided by
// servicespec, as in the simulation in which services are tried.
//
// A decision can be held: it is checked as any act and stands in the history, and the case is nobody's work until it takes effect, is undone, or is
// overtaken by what the citizen does.
//
// Tables: workflow.instance, workflow.branch, workflow.transition, workflow.rota. Timers: "sla:<instance>", "state:<instance>". Jobs: workflow.due,
// workflow.overdue, workflow.timer. It publishes no events: an Observer (orchestration) is told in the same
// transaction.
package workflow
