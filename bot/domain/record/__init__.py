"""What every act leaves behind: audit records, notices, alerts; decides nothing about anybody."""
