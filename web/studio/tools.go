package studio

// toolParts are the parts with tools of their own: rules, workflow, fees, documents, messages, certificates, targets, trying.
func (s *Studio) toolParts() []part { return nil }
