package request

import "digit/internal/infra/platform/policy"

// ReadRemarks allows to read what people wrote about an agency's services, without who they are.
const ReadRemarks = "request:remarks"

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: ReadRemarks, Roles: []string{"agency-admin", "administrator"}},
}
