// Package ui is the design system: the shells of the surfaces and the components pages are made of. A component is a
// function of a view model; it reads no database, no clock and no module. Texts that belong to a component come from
// the catalogue (keys "ui.…"); texts that belong to a page are given to it, already in the reader's language.
//
// A page: middleware puts a Locale into the context (WithLocale), the page renders inside one shell (Portal,
// Workbench, Console, Bare) with components as its children. Every page works without scripts; style and script
// attributes do not occur, so that a strict Content-Security-Policy holds.
//
// Fields: the id of a field is its Name (Field.ID when two would clash), an error beside a field is Field.Error, and the
// error summary links to it by Problem.Field. A date takes three inputs named Name-day, Name-month, Name-year.
package ui
