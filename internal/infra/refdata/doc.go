// Package refdata is reference data: the facts that many parts of a state's services lean on and that change slowly.
// Places in a tree (country, island group, municipality, parish), lists of codes, human numbers such as
// REC-2026-000123, holidays and opening hours, from which the working calendars of the state, of its
// agencies and of their offices are made.
//
// Tables: boundary, code_list, code, number_format, counter, holiday, opening. No events, no jobs.
// Every put may be repeated: the same input leaves the same rows.
package refdata
