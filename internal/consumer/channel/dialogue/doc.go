// Package dialogue asks the form of a service over text, one question at a time, and cuts what is to be said into what a
// telephone shows. It decides nothing about answers: it says which question comes next, puts it into words, and writes what was
// typed as the post of a page, which the rules of the service judge as they judge a page's (servicespec.Read).
//
// It is pure: no database, no clock. Lists of areas and codes come through functions.
package dialogue
