package refdata

import (
	"strings"
)

// Workplace is whose calendar is meant: an office's, its agency's or, as the zero value, the state's. What an office does
// not say for itself holds as its agency says it, and what an agency does not say as the state does.
type Workplace struct{ Agency, Office string }

const stateCalendar = "state"

// Code names the calendar: "state", "agency:code" or "office:agency:code".
func (w Workplace) Code() string {
	switch {
	case w.Agency == "":
		return stateCalendar
	case w.Office == "":
		return "agency:" + w.Agency
	default:
		return "office:" + w.Agency + ":" + w.Office
	}
}

// ParseWorkplace reads what Code writes. Errors: ErrCalendar.
func ParseWorkplace(code string) (Workplace, error) {
	if code == stateCalendar {
		return Workplace{}, nil
	}
	kind, rest, _ := strings.Cut(code, ":")
	agency, office, two := strings.Cut(rest, ":")
	w := Workplace{Agency: agency, Office: office}
	if kind == "agency" && two || kind == "office" && office == "" || agency == "" || strings.Contains(office, ":") || w.Code() != code {
		return Workplace{}, ErrCalendar.With("code", code)
	}
	return w, nil
}

// lineage are the workplaces whose calendars count, the nearest first; the state's is the last.
func (w Workplace) lineage() []Workplace {
	var list []Workplace
	if w.Office != "" {
		list = append(list, w)
	}
	if w.Agency != "" {
		list = append(list, Workplace{Agency: w.Agency})
	}
	return append(list, Workplace{})
}

func codesOf(list []Workplace) []string {
	codes := make([]string, len(list))
	for i, w := range list {
		codes[i] = w.Code()
	}
	return codes
}
