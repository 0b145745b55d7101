// Package field takes visits outside: officers take the cases of states of kind field along in a browser, work there without a
// network for days, and send what they found when there is one. It decides nothing: a report is an action taken through
// orchestration, with the revision that the officer had before their eyes.
//
// A report has an id that its device made, and is taken once however often it is sent. Where the office changed the case
// meanwhile it is kept, and the officer chooses. Files come in pieces that go on where they were cut off. A device can be told to
// delete what it holds; it does so the next time it is heard of.
//
// Tables: field.device, field.operation, field.upload. Job: field.sweep forgets files that were announced and never became whole.
// It publishes no events.
package field
