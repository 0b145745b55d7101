// Package servicespec is the language in which a public service is written: what is asked of the person, what
// it costs, how the agency works on it, what it promises, tells and issues. A service is data (a Pack, in YAML
// or JSON), so an agency makes and changes one without programmers.
//
// Parse reads a pack, Check finds everything that is wrong with it at once, and Compile turns it into a Service,
// which answers the questions of the portal, the desk and the workflow: which questions are visible, is this
// posted page right, what is to pay, which actions lead out of a state, what does the certificate say.
//
// The package is pure: no database, no I/O, no clock. Today, the phone region, boundaries and code lists come in
// through Facts.
//
// # Rules
//
// Conditions and amounts are CEL expressions over question codes; see package rule for the words and for what an
// unanswered question means (undecided: conditions are then false). Three places read "undecided" in their own
// way: a Valid rule that hangs on an unanswered question lets the value pass, since there is nothing to hold
// against it; a fee whose amount is undecided is an error, since a fee of nothing would be a gift; an undecided
// claim is left out of the certificate.
//
// A Clause is a condition as people put one together: it is read from an expression and written as one, and what has
// another shape stands in it as text. TryConditions, TryFees, TryTable and Tell let a designer see what a draft would do. Rename
// gives something another code everywhere at once.
//
// Visibility runs forward: a page's or question's When may look only at questions before it, so that what is
// visible never depends on itself. Answers to invisible questions count as not given.
//
// # Workflow
//
// The case enters the Start state when it is submitted. A state of kind payment waits for the event paid, which
// also comes at once when nothing is to be paid. A state of kind citizen waits for the person; after a request
// for correction the event submitted brings the case back. Other automatic actions run on a timer, After some
// working time in the state.
package servicespec
