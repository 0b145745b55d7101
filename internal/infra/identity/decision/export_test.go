package decision

import (
	"errors"
	"slices"
)

// CheckHouse holds the policies of the house against the vocabulary.
func CheckHouse(permissions []string) (err error) {
	for _, n := range slices.Concat(House.permits, House.forbids) {
		err = errors.Join(err, conforms(n.policy, permissions))
	}
	return err
}
