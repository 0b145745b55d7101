package performance

import "digit/internal/infra/platform/fault"

// ErrForbidden says that the caller may not see the performance of this agency, or of any.
var ErrForbidden = fault.Forbidden("performance.forbidden")
