"""Who mentors whom (rencana penugasan pendamping): computed under ceilings, areas, competence and distance, with reasons for what is left."""
