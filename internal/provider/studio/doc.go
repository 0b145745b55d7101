// Package studio is where a service is designed before anybody can apply for it: drafts that people of the agency change
// together, and the way from a draft to a published version.
//
// A draft is a row of revisions. Every change makes one, so that it can be undone, redone and restored; Edit is the one way to
// change a draft. Two people may work on the same draft: a change to a part that nobody else touched meanwhile is made to
// the newest revision, a change to the same part is refused with who changed what (ErrStale).
//
// A proposal is a revision put up for publication. It must be without errors, in all its languages, with scenarios that come out
// as they say; somebody who did not write it decides, and it is published at once or on a day. The catalogue owns what
// is published: a draft never changes a published version.
//
// Tables: studio.draft, studio.revision, studio.proposal, studio.presence. Jobs: studio.publish, studio.purge. It publishes no events.
package studio
