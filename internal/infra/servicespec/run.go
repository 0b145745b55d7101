package servicespec

func (s *Service) checkScenarios() []Problem { return nil }
