package audit

import "github.com/google/uuid"

// named is how many broken places a report names.
const named = 100

// The codes of findings.
const (
	Altered   = "altered"   // an entry does not say what it said when it was written
	Removed   = "removed"   // an entry is gone
	Missing   = "missing"   // rows of the log are gone
	Touched   = "touched"   // a row of the log was changed, moved or put in
	Rehashed  = "rehashed"  // rows do not give the hash that stands above them
	Rewritten = "rewritten" // rows do not give the root that a checkpoint states
	Truncated = "truncated" // rows that a checkpoint counts are gone from the end
	Inserted  = "inserted"  // an entry is older than the log and not part of it
	Blanked   = "blanked"   // parts of an entry were emptied without an entry that tells of it
	Forged    = "forged"    // a checkpoint is not what was signed
	Foreign   = "foreign"   // a checkpoint is of another log
)

// Finding is one broken place. Seq is the first row of the log it is about, -1 where it is about none; To the last one.
type Finding struct {
	Code  string    `json:"code"`
	Seq   int64     `json:"seq"`
	To    int64     `json:"to"`
	Entry uuid.UUID `json:"entry,omitzero"`
	Size  int64     `json:"size,omitempty"` // of the checkpoint
}

// Args are the finding's facts, to fill the sentence about it that the catalogue has under "audit.finding." + Code.
func (f Finding) Args() map[string]any {
	return map[string]any{"row": f.Seq, "to": f.To, "entry": f.Entry.String(), "size": f.Size}
}

// Report is what Verify found.
type Report struct {
	Rows        int64     `json:"rows"`        // rows of the log that were looked at
	Waiting     int64     `json:"waiting"`     // entries that are not part of the log yet
	Erased      int64     `json:"erased"`      // entries of which something was erased
	Checkpoints int64     `json:"checkpoints"` // compared with
	Size        int64     `json:"size"`        // of the log
	Root        string    `json:"root"`        // base64
	Findings    []Finding `json:"findings"`    // the first hundred
	Broken      int64     `json:"broken"`      // all of them
}

// Whole says that nothing was found.
func (r Report) Whole() bool { return r.Broken == 0 }

func (r *Report) found(f Finding) {
	if r.Broken++; len(r.Findings) < named {
		r.Findings = append(r.Findings, f)
	}
}

func row(code string, seq int64, entry uuid.UUID) Finding {
	return Finding{Code: code, Seq: seq, To: seq, Entry: entry}
}
