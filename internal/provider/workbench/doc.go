// Package workbench is where staff works: queues by urgency with their counts, lists that officers save, search, the case page in one piece,
// giving cases to each other, one act on many cases, how long steps take and for which reasons, and notes of colleagues to each other. It shows what workflow and orchestration know and
// decides nothing: an act on many cases is done case by case through the workflow, in the name of who asked for it.
//
// Tables: workbench.note, workbench.saved, workbench.pin, workbench.bulk, workbench.bulk_item, workbench.handover, workbench.verdict,
// workbench.twin, workbench.template, workbench.redaction (copies of pictures with parts blackened, which others are given). It publishes no events.
// Jobs: workbench.bulk, workbench.redact.
package workbench
