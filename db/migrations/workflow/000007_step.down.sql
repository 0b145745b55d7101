DROP INDEX workflow.transition_staff_idx;
