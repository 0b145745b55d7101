package servicespec

import "digit/internal/infra/platform/i18n"

// Fee is one line of what is to pay, asked where When holds. Its amount is one of Amount, Slabs, Per and Percent, in minor
// units. Kind says what it is to the sum: a charge, a penalty on top, or a rebate, which is subtracted and never makes the
// sum negative. By dates: a penalty has a When over today.
type Fee struct {
	Code    string    `json:"code" yaml:"code"`
	Name    i18n.Text `json:"name" yaml:"name"`
	Kind    string    `json:"kind,omitempty" yaml:"kind"` // charge (as when empty), rebate, penalty
	When    string    `json:"when,omitempty" yaml:"when"`
	Amount  string    `json:"amount,omitempty" yaml:"amount"` // rule
	Slabs   *Slabs    `json:"slabs,omitempty" yaml:"slabs"`
	Per     *PerUnit  `json:"per,omitempty" yaml:"per"`
	Percent *Percent  `json:"percent,omitempty" yaml:"percent"`
	Round   *Rounding `json:"round,omitempty" yaml:"round"`
	Least   int64     `json:"least,omitempty" yaml:"least"` // never less than this
	Most    int64     `json:"most,omitempty" yaml:"most"`   // never more than this; no limit where 0
	Again   []string  `json:"again,omitempty" yaml:"again"` // when it is worked out anew after submission: correction, or codes of actions
}

// Slabs is an amount by steps of a number. The step in which the number lies counts alone; with Parts every step up to there
// counts for its part of the number, as with income tax.
type Slabs struct {
	By    string `json:"by" yaml:"by"` // rule: a number
	Parts bool   `json:"parts,omitempty" yaml:"parts"`
	Steps []Slab `json:"steps" yaml:"steps"`
}

// Slab is a step: up to and with UpTo (the last step has none), Amount, and Each for every unit above the step before.
type Slab struct {
	UpTo   *float64 `json:"up_to,omitempty" yaml:"up_to"`
	Amount int64    `json:"amount,omitempty" yaml:"amount"`
	Each   int64    `json:"each,omitempty" yaml:"each"`
}

// PerUnit is an amount for every unit of a number above Free. A part of a unit counts as one.
type PerUnit struct {
	Count  string `json:"count" yaml:"count"` // rule: a number
	Amount int64  `json:"amount" yaml:"amount"`
	Free   int64  `json:"free,omitempty" yaml:"free"`
}

// Percent is a share of other fees, which stand before it, or of an amount.
type Percent struct {
	Rate     string   `json:"rate" yaml:"rate"`                   // "7.5"
	Of       []string `json:"of,omitempty" yaml:"of"`             // codes of fees; all charges before it where empty and Amount is too
	Amount   string   `json:"amount,omitempty" yaml:"amount"`     // rule
	Times    string   `json:"times,omitempty" yaml:"times"`       // rule: how many times, such as months late
	Rounding string   `json:"rounding,omitempty" yaml:"rounding"` // half_up (as when empty), half_even, up, down
}

// Rounding rounds an amount to a multiple.
type Rounding struct {
	To  int64  `json:"to" yaml:"to"`             // minor units
	How string `json:"how,omitempty" yaml:"how"` // half_up (as when empty), half_even, up, down
}

// Target is the promise to the person; a case is near due when WarnPercent of the time has gone. The first of Cases whose
// condition holds at submission replaces it.
type Target struct {
	WorkingDays  int          `json:"working_days,omitempty" yaml:"working_days"`
	WorkingHours int          `json:"working_hours,omitempty" yaml:"working_hours"`
	WarnPercent  int          `json:"warn_percent,omitempty" yaml:"warn_percent"`
	Cases        []TargetCase `json:"cases,omitempty" yaml:"cases"`
}

// TargetCase is another promise for some cases, such as urgent ones.
type TargetCase struct {
	When         string `json:"when" yaml:"when"`
	WorkingDays  int    `json:"working_days,omitempty" yaml:"working_days"`
	WorkingHours int    `json:"working_hours,omitempty" yaml:"working_hours"`
}
