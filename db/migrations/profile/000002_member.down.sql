DROP TABLE profile.member;
