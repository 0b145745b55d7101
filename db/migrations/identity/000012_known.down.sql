DROP TABLE identity.known_permission;
