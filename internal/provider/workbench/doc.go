// Package workbench is where staff works: queues by urgency with their counts, the case page in one piece, and notes
// of colleagues to each other. It shows what workflow and orchestration know and decides nothing.
//
// Tables: workbench.note. It publishes no events and has no jobs.
package workbench
