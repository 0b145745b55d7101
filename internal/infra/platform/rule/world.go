package rule

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"digit/internal/infra/platform/civil"
)

// World is what expressions may ask beyond their variables. Its answers must be the same for the same question as long
// as a case is looked at, and come without waiting: whoever evaluates has read them before.
type World interface {
	// Ref returns what a code list says of a code; nil where there is no such code.
	Ref(list, code string) map[string]any
	// AddWorkingDays returns the n-th working day after a day, or before it for n below 0.
	AddWorkingDays(day civil.Date, n int) civil.Date
	// IsWorkingDay reports whether the agency works on a day.
	IsWorkingDay(day civil.Date) bool
	// WorkingDays returns the number of working days after from, up to and with to; negative where to is earlier.
	WorkingDays(from, to civil.Date) int
}

// WorldKey is where Value finds the World among the variables. No variable can have its name.
const WorldKey = "@world"

const (
	ownMark     = "@"
	worldName   = ownMark + "world"
	refFunction = ownMark + "ref"
)

// worldValue carries the World into the functions that ask it.
type worldValue struct{ World }

var worldType = types.NewObjectType("world")

// ConvertToNative is part of ref.Val.
func (w worldValue) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("rule: the world is no %v", t)
}

// ConvertToType is part of ref.Val.
func (w worldValue) ConvertToType(ref.Type) ref.Val { return types.NewErr("the world is nothing else") }

// Equal is part of ref.Val.
func (w worldValue) Equal(ref.Val) ref.Val { return types.False }

// Type is part of ref.Val.
func (w worldValue) Type() ref.Type { return worldType }

// Value is part of ref.Val.
func (w worldValue) Value() any { return w.World }
