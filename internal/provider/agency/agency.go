package agency

import (
	"regexp"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
)

// Agency provides services. Boundary is the code of the area it is responsible for, "" for the whole state; Purpose
// says in a sentence what it does; Parent is the agency that it stands under, "" for none. Standing above gives nobody anything: the
// people of the agency above see and do in this one only what a role gives them here. A closed agency stays for the record, and none
// is open below it.
type Agency struct {
	Code      string
	Name      i18n.Text
	Purpose   i18n.Text
	Boundary  string
	Email     string
	Phone     string
	Parent    string
	Closed    bool
	UpdatedAt time.Time
}

// Office is a place of an agency where people can go. Hours says in words when it is open.
type Office struct {
	Agency    string
	Code      string
	Name      i18n.Text
	Boundary  string
	Address   string
	Hours     i18n.Text
	Email     string
	Phone     string
	Closed    bool
	UpdatedAt time.Time
}

// Staff says that an account works in an agency, in one of its offices ("" for none in particular), since when and
// under which title.
type Staff struct {
	Account uuid.UUID
	Agency  string
	Office  string
	Title   i18n.Text
	Since   time.Time
}

var codeForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// check returns the fields at fault: a code is short, lower case and stable, a name is there in some language.
func check(code string, name i18n.Text) []fault.Field {
	var fields []fault.Field
	if !codeForm.MatchString(code) {
		fields = append(fields, fault.Field{Path: "code", Code: "agency.code"})
	}
	if !written(name) {
		fields = append(fields, fault.Field{Path: "name", Code: "agency.name"})
	}
	return fields
}

func written(t i18n.Text) bool {
	for _, s := range t {
		if s != "" {
			return true
		}
	}
	return false
}
