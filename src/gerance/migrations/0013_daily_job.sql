-- confirmed: up to this day an operator lets the job go on; stopped: why it does not, if it does not.
ALTER TABLE scheduled_job ADD confirmed date, ADD stopped text;
