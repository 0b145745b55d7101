// Package sheet writes tables as spreadsheets (Office Open XML, ECMA-376) and reads them back. It is the only one that knows how such
// files are made. What is written is text in every cell, never a formula, so that opening a file runs nothing; what is read is bounded
// in bytes, rows and columns, also where a small file claims to hold much.
package sheet
