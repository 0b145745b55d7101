DROP TABLE identity.directory_change, identity.directory_sync, identity.directory_try, identity.directory_link, identity.directory;
