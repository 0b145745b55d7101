// Package provider groups what an agency needs to provide services, as the service delivery architecture has it:
//
//   - service management: agency (who provides), catalog (what is offered), studio (how a service is designed);
//   - service delivery: orchestration (takes applications in and answers), desk (the counter), workflow (who acts
//     next, until when), workbench (where staff works);
//   - service intelligence: analytics, planning, performance, console.
//
// Nothing here knows the consumer side: they meet in infra/exchange.
package provider
