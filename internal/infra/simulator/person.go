package simulator

import (
	"context"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Person is somebody invented who can sign in at the simulated identity provider.
type Person struct {
	Subject string // stable, such as "maria-tavares"
	Name    string
	Email   string
	Phone   string // E.164
	Staff   bool   // offered on the staff's sign-in page instead of the citizens'
}

// People lists the invented people, citizens first. Errors: ErrProduction.
func (s *Service) People(ctx context.Context, tx *pg.Tx) (list []Person, err error) {
	defer fault.Wrap(&err, "simulator.People")
	if err := allowed(ctx, tx); err != nil {
		return nil, err
	}
	return s.listPeople(ctx, tx)
}

// PutPeople adds or changes invented people. Errors: ErrProduction, ErrPerson.
func (s *Service) PutPeople(ctx context.Context, tx *pg.Tx, people []Person) (err error) {
	defer fault.Wrap(&err, "simulator.PutPeople(%d)", len(people))
	if err := allowed(ctx, tx); err != nil {
		return err
	}
	for _, p := range people {
		if p.Subject == "" || p.Name == "" {
			return ErrPerson
		}
		if err := s.putPerson(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}
