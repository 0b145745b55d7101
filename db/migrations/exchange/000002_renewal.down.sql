DROP INDEX exchange.message_person_idx;
