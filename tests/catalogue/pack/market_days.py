"""A few days of market, network and voice, made by hand, and SQL written by hand over the same rows.

The rows are few enough to count on paper. A column that is the same in all rows of a table stands in
`SAME`; a cell such as `02 09:00` is that minute of November 2026. `BY_HAND` repeats no expression of
the catalogue; its tables hold the files as they are written, all texts, under the names of the feeds.
"""

from __future__ import annotations

import csv
import re

ANSWERS = """
question,commercial_process,unit,brand,mode,score,response_id
overall,,north,gotone,cati,9,R1
expectation,,north,gotone,cati,8,R1
recommend,,north,gotone,cati,10,R1
network_overall,network,north,gotone,cati,9,R1
network_coverage_indoor,network,north,gotone,cati,4,R1
support_overall,support,north,gotone,cati,7,R1
support_order_speed,support,north,gotone,cati,8,R1
overall,,north,mzone,web,6,R2
expectation,,north,mzone,web,9,R2
recommend,,north,mzone,web,5,R2
network_overall,network,north,mzone,web,7,R2
network_coverage_indoor,network,north,mzone,web,8,R2
support_overall,support,north,mzone,web,10,R2
support_order_speed,support,north,mzone,web,5,R2
support_order_accuracy,support,north,mzone,web,9,R2
overall,,south,easyown,cati,8,R3
expectation,,south,easyown,cati,8,R3
recommend,,south,easyown,cati,8,R3
network_overall,network,south,easyown,cati,8,R3
network_coverage_indoor,network,south,easyown,cati,5,R3
billing_overall,billing,south,easyown,cati,3,R3
support_system_stability,support,south,easyown,cati,8,R3
recommend,,south,gotone,sms,9,R4
"""

MEASUREMENTS = """
point_id,unit,measuring_point,measured_at,available_s,call_attempts,call_setups,drops,data_kb,transfer_s,speed_kbps,committed_kbps,packets,packets_lost,utilisation
C1,north,cell,02 08:00,3600,200,196,2,,,,,,,60
C1,north,cell,02 09:00,3500,300,288,12,,,,,,,85
C2,north,cell,02 08:00,3600,100,100,0,,,,,,,80
C2,north,cell,02 09:00,1800,50,40,1,,,,,,,20
C3,south,cell,02 08:00,3600,80,79,1,,,,,,,
C3,south,cell,02 09:00,,,,,,,,,,,95
U1,north,user,02 08:00,,,,,90000,100,7200,4000,1000,5,
U1,north,user,02 09:00,,,,,30000,200,1200,4000,2000,40,
U2,south,user,02 08:00,,,,,50000,80,5000,,500,0,
E1,all,province_exit,02 08:00,,,,,900000000,3600,2000000,,,,
E1,all,province_exit,02 09:00,,,,,1800000000,3600,4000000,,,,
B1,south,branch,02 09:00,,,,,200000000,3000,500000,,,,
"""

VISITS = """
visit_id,unit,visit_kind,appointment_from,appointment_to,arrived_at,finished_at,visit_result,rating,revisit_of
V1,north,install,02 09:00,02 11:00,02 08:55,02 10:00,done,5,
V2,north,install,02 09:00,02 11:00,02 10:59,02 11:40,done,4,
V3,north,repair,02 14:00,02 16:00,02 16:30,02 17:30,done,2,V1
V4,north,repair,02 14:00,02 16:00,,,failed,1,
V5,south,repair,03 09:00,03 11:00,03 11:00,03 11:20,done,,
V6,south,install,03 09:00,03 11:00,,,cancelled,,
V7,south,install,03 14:00,03 16:00,03 15:00,,no_customer,,
V8,south,customer_visit,03 14:00,03 16:00,,,booked,,
"""

CAMPAIGNS = """
campaign,campaign_kind,stage,submitted_at,needs_checked,impact_assessed,compliance_passed,interface_passed,risk_tested,emergency_plan,approved_at,starts_at,ends_at,stopped_at,evaluated_at
P1,plan_discount,evaluation,01 08:00,true,true,true,true,true,true,03 08:00,04 00:00,06 00:00,,08 00:00
P2,data_pack,evaluation,01 08:00,true,false,true,true,true,,02 08:00,02 00:00,05 00:00,,
P3,device,execution,02 08:00,true,true,true,true,true,true,02 20:00,05 00:00,20 00:00,06 12:00,
P4,points,approval,03 08:00,,,,,,,,10 00:00,20 00:00,,
P5,points,execution,03 08:00,false,false,true,false,true,true,,04 00:00,09 00:00,,
"""

CONTACTS = """
contact_id,campaign,contacted_at,channel,response,eligible,opted_out,terms_told,previous_contact_at,benefit_due_at,benefit_given_at,cancelled_at,complained
K1,P1,04 09:00,outbound,accepted,true,false,true,,05 00:00,04 12:00,,false
K2,P1,04 09:05,outbound,accepted,true,false,false,03 09:00,05 00:00,05 08:00,06 09:00,true
K3,P1,04 09:10,sms_push,declined,true,false,,,,,,true
K4,P1,04 09:20,sms_push,no_answer,false,true,,02 09:00,,,,false
K5,P3,05 10:00,hall,accepted,,false,true,,08 00:00,,,false
K6,P3,05 11:00,hall,accepted,true,,true,,20 00:00,,,false
K7,P3,05 12:00,hall,declined,true,true,,,,,,false
"""

AUDITS = """
audit_id,audit_item,audited_at,channel,ok,serious,correct_by,corrected_at
U1,price_shown,02 10:00,hall,true,false,,
U1,terms_shown,02 10:00,hall,false,false,04 00:00,03 10:00
U1,no_false_claim,02 10:00,hall,false,true,05 00:00,
U2,price_shown,02 15:00,partner_shop,true,false,,
U2,real_name,02 15:00,partner_shop,false,false,20 00:00,
"""

PARTNER = """
subscription_id,requested_at,content_partner,variant,channel,customer_action_at,confirmed_at,effective_at,ended_at,notified_at,fee_fen,refunded_fen
B1,02 09:00,sp1,order,sms_hall,02 09:00,02 09:01,02 09:02,,02 09:03,500,0
B2,02 10:00,sp1,order,system,,,02 10:00,04 10:00,02 12:00,800,800
B3,02 11:00,sp2,order,web_hall,02 11:00,02 11:09,02 11:05,,02 11:06,,
B4,02 12:00,sp2,order,web_hall,02 12:00,,,,,,
B5,02 13:00,sp1,cancel,sms_hall,02 13:00,,02 13:30,,,,
B6,02 14:00,sp2,cancel,web_hall,02 14:00,,02 16:00,,,,
B7,02 15:00,sp2,cancel,web_hall,02 15:00,,,,,,
"""

INSTALLATIONS = """
order_id,accepted_at,product,channel,resource_ok,promised_at,installed_at,activated_at,first_used_at,install_result,cancel_cause
I1,01 09:00,home_broadband,hall,true,03 09:00,02 10:00,02 11:00,05 10:00,installed,
I2,01 10:00,home_broadband,web_hall,true,03 10:00,04 10:00,04 12:00,,installed,
I3,01 11:00,private_line,account_manager,false,05 00:00,,,,cancelled,late
I4,01 12:00,home_broadband,hall,,05 00:00,,,,pending,
I5,01 13:00,home_broadband,hall,true,03 13:00,02 13:00,,,installed,
"""

FAULTS = """
fault_id,occurred_at,fault_kind,fault_level,found_by,noticed_at,due_at,restored_at,affected_customers,repeat_of,announced_at
F1,02 01:00,core,critical,monitoring,02 01:02,02 05:00,02 04:00,2000,,02 01:30
F2,02 08:00,radio,minor,complaint,02 10:00,02 12:00,02 14:00,40,,
F3,03 08:00,radio,critical,dial_test,03 08:10,03 09:00,,500,F2,
F4,04 08:00,power,major,on_site,04 08:04,,04 09:00,,,
"""

ACTIONS = """
action_id,acted_at,staff_account,staff_action,key_service,identified,request_id,off_hours,since_previous_s,reversed_at
O1,02 09:00,S1,account_opening,false,true,,false,300,
O2,02 09:00,S1,account_opening,false,true,,false,4,
O3,02 22:00,S2,service_activation,true,true,Q1,true,,
O4,02 10:00,S2,service_activation,true,false,,false,60,04 10:00
O5,02 11:00,S2,service_activation,false,true,,false,60,20 10:00
O6,02 12:00,S3,detail_enquiry,false,false,,false,60,
O7,02 12:30,S3,data_enquiry,false,true,,false,60,
"""

CHECKS = """
product,launch,check_item,round,checked_at,passed,due_at,signed_at,launched_at
wlan,L1,design_rules,1,02 09:00,true,,02 10:00,05 00:00
wlan,L1,design_process,1,02 09:00,true,,,05 00:00
wlan,L1,resource_access,1,02 09:00,true,02 08:00,,05 00:00
wlan,L1,resource_systems,1,02 09:00,true,03 08:00,,05 00:00
wlan,L1,channel_hall,1,02 09:00,false,,,05 00:00
wlan,L1,channel_hall,2,06 09:00,false,,,05 00:00
wlan,L1,channel_hotline,1,02 09:00,true,,,05 00:00
"""

FRAMES = """
frame_id,survey_purpose,drawn_at,mode,reserve,last_used_at,event_at,contacted_at,interview_s,outcome
R1,product,02 09:00,cati,false,01 09:00,,03 09:00,600,complete
R2,product,02 09:00,cati,true,01 09:00,,03 10:00,,refused
R3,callback,02 09:00,cati,false,,02 08:00,02 10:00,240,complete
R4,callback,02 09:00,cati,true,,02 06:00,02 12:00,400,complete
R5,product,02 09:00,web,false,,,,,unreachable
"""

COMPLAINTS = """
complaint_id,received_at,kind,commercial_process,product,category,repeat_of,first_reply_at,closed_at,called_back_at,reopened_at,operator_fault,compensation_fen,escalated_to
C1,02 09:00,ordinary,network,,network_coverage,,02 10:00,02 12:00,,,,,
C2,02 09:00,batch,network,,network_data,C1,,,,,true,,
C3,02 09:00,ordinary,tariffs,,marketing,,02 09:30,03 09:00,,,true,3000,
C4,02 09:00,escalated,tariffs,,fee_level,,02 11:30,,,,false,,regulator
C5,02 09:00,ordinary,products,wlan,product_quality,,,02 19:00,03 01:00,04 09:00,,,
C6,02 09:00,ordinary,products,wlan,charge_doubt,,,03 09:00,03 10:00,,,,
"""

TROUBLES = """
report_id,reported_at,product,commercial_process,channel,due_at,repaired_at,repeat_of,fixed_first
T1,02 09:00,wlan,products,hotline,02 20:00,02 12:00,,true
T2,02 09:00,wlan,products,hotline,02 10:00,02 18:00,T1,false
T3,02 09:00,voice,network,hotline,02 20:00,02 11:00,,
T4,02 09:00,voice,network,hotline,02 20:00,02 21:00,,
"""

SUBSCRIBERS = """
unit,day,counted_at,brand,network,customer_class,subscribers
all,2026-11-02,02 23:00,gotone,4g,ordinary,4000
all,2026-11-03,03 23:00,gotone,4g,ordinary,6000
"""

USERS = """
unit,day,counted_at,product,users
all,2026-11-02,02 23:00,wlan,800
all,2026-11-03,03 23:00,wlan,1200
"""

RIVALS = """
observation_id,observed_at,competitor,observation_method,commercial_process,score,own_score,price_fen,own_price_fen
V1,02 09:00,unicom,shop_visit,hall,7,8,,
V2,02 10:00,telecom,hotline_dial,hotline,9,6,3000,3600
V3,02 11:00,telecom,media_watch,tariffs,5,,2000,1900
V4,02 12:00,unicom,trial_use,products,4,9,,2500
"""

SESSIONS = """
session_id,started_at,product,session_end,first_response_ms,duration_s,data_kb
S1,02 09:00,mobile_video,normal,800,100,50000
S2,02 09:10,mobile_video,broken,6000,40,10000
S3,02 09:20,mobile_reading,refused,,,
S4,02 09:30,mobile_reading,normal,1200,60,
"""

TESTS = """
test_id,tested_at,test_kind,product,ok,setup_ms,latency_ms,quality_score
D1,02 09:00,voice,,true,4000,,380
D2,02 09:05,voice,,true,6000,,300
D3,02 09:10,voice,,false,,,
D4,02 09:15,web,mobile_internet,true,300,80,
D5,02 09:20,web,mobile_internet,false,,900,
D6,02 09:25,video,mobile_video,true,900,100,
"""

GROUP_PORTS = """
batch_id,sent_at,port,recipients,delivered,opted_out,repeats,usual_recipients,intercepted,reported
G1,02 09:00,1065001,6000,5900,60,1,1000,false,3
G2,02 10:00,1065001,4000,4000,,1,1000,false,1
G3,02 11:00,1065002,500,480,5,3,,false,
G4,02 12:00,1065003,1500,,0,1,,true,7
"""

PERSONAL = """
sender,hour_at,brand,messages,recipients,reported
A,02 09:00,easyown,400,300,6
A,02 10:00,easyown,250,120,1
B,02 09:00,gotone,300,50,
C,02 09:00,gotone,50,20,0
"""

PROACTIVE = """
promotion_id,extracted_at,proactive_service,service_class,market,suppressed,offered_at,accepted_at,first_used_at
P1,02 09:00,over_quota,universal,personal,false,02 10:00,02 11:00,03 09:00
P2,02 09:00,over_quota,universal,personal,false,02 10:00,02 12:00,
P3,02 09:00,airport_lounge,brand_exclusive,personal,false,02 10:00,,
P4,02 09:00,airport_lounge,brand_exclusive,personal,false,,,
P5,02 09:00,green_bill,customised,family,true,,,
"""

MYSTERY = """
visit_id,mystery_item,visited_at,channel,score,max_score
M1,greeting,02 09:00,hall,5,5
M1,tariff_explained,02 09:00,hall,6,10
M1,leaflet_matches,02 09:00,hall,10,10
M2,knowledge,02 15:00,hotline,7,10
"""

MOMENTS = """
journey_id,position,last_step,commercial_process,grade,felt_at
J1,1,false,hall,2,02 09:00
J1,2,true,hall,5,02 10:00
J2,1,false,billing,3,02 09:00
J2,2,true,billing,1,02 10:00
"""

TABLES = {
    "survey_answers": ANSWERS,
    "network_measurements": MEASUREMENTS,
    "field_visits": VISITS,
    "campaigns": CAMPAIGNS,
    "campaign_contacts": CONTACTS,
    "market_audits": AUDITS,
    "sp_subscriptions": PARTNER,
    "installations": INSTALLATIONS,
    "network_faults": FAULTS,
    "operator_actions": ACTIONS,
    "product_checks": CHECKS,
    "survey_frames": FRAMES,
    "complaints": COMPLAINTS,
    "trouble_reports": TROUBLES,
    "subscriber_counts": SUBSCRIBERS,
    "product_user_counts": USERS,
    "competitor_observations": RIVALS,
    "data_sessions": SESSIONS,
    "service_tests": TESTS,
    "group_messages": GROUP_PORTS,
    "person_messages": PERSONAL,
    "service_promotions": PROACTIVE,
    "mystery_visits": MYSTERY,
    "peak_end_moments": MOMENTS,
}
"""By feed, the rows as a source system would write them."""

SAME = {
    "unit": "all",
    "network": "4g",
    "survey": "2026-11",
    "answered_at": "02 09:00",
    "interval_s": "3600",
    "booked_at": "01 10:00",
    "updated_at": "15 00:00",
    "channel": "hall",
}


def rows_of(feed: str) -> list[dict[str, str]]:
    """The rows of a feed, with what is the same in all of them and whole time stamps."""
    lines = csv.DictReader(TABLES[feed].strip().splitlines())
    return [{k: _moment(v) for k, v in {"answer_id": str(n), **SAME, **line}.items()} for n, line in enumerate(lines)]


def _moment(cell: str) -> str:
    return f"2026-11-{cell}:00" if re.fullmatch(r"[0-9]{2} [0-9]{2}:[0-9]{2}", cell) else cell


BY_HAND = {
    "network.perception.overall": "SELECT 100.0*sum((score::int>=8)::int)/count(*) FROM survey_answers WHERE question='network_overall'",
    "network.perception.indoor": "SELECT 100.0*sum((score::int<6)::int)/count(*) FROM survey_answers WHERE question LIKE '%indoor'",
    "voice.overall": "SELECT avg(score::int) FROM survey_answers WHERE question='overall'",
    "voice.expectation_gap": """SELECT avg(x.score::int - y.score::int) FROM survey_answers x JOIN survey_answers y USING (response_id)
        WHERE x.question='overall' AND y.question='expectation'""",
    "voice.net_recommendation": """SELECT 100*(avg((score::int IN (9,10))::int) - avg((score::int<7)::int)) FROM survey_answers
        WHERE question='recommend'""",
    "voice.process_satisfaction": "SELECT avg(score::int) FROM survey_answers WHERE question SIMILAR TO '.+_overall'",
    "voice.support_satisfaction": """SELECT 100*avg((score::int>7)::int) FROM survey_answers
        WHERE question IN ('support_order_speed','support_order_accuracy','support_system_stability')""",
    "voice.responses": "SELECT count(DISTINCT response_id) FROM survey_answers",
    "network.call_setup_rate": "SELECT 100.0*sum(call_setups::int)/sum(call_attempts::int) FROM network_measurements",
    "network.drop_rate": "SELECT 100.0*sum(drops::int)/sum(call_setups::int) FROM network_measurements",
    "network.availability": "SELECT 100.0*sum(available_s::int)/(3600*count(available_s)) FROM network_measurements",
    "network.speed_kept_rate": """SELECT 100.0*count(*) FILTER (speed_kbps::int>=committed_kbps::int)
        /count(committed_kbps) FROM network_measurements WHERE measuring_point='user'""",
    "network.speed.user": "SELECT sum(data_kb::int)*8/1000.0/sum(transfer_s::int) FROM network_measurements WHERE point_id LIKE 'U%'",
    "network.speed.branch": "SELECT sum(data_kb::int)*8/1000.0/sum(transfer_s::int) FROM network_measurements WHERE point_id='B1'",
    "network.speed.province_exit": "SELECT sum(data_kb::hugeint)*8/1000.0/7200 FROM network_measurements WHERE point_id='E1'",
    "network.congestion_rate": """SELECT 100.0*sum((utilisation::int>79)::int)/count(utilisation) FROM network_measurements
        WHERE point_id LIKE 'C%'""",
    "network.poor_cell_rate": """SELECT 100.0*sum((drops::int/call_setups::int>=0.03)::int)/count(*) FROM network_measurements
        WHERE call_setups::int>=20""",
    "network.packet_loss_rate": "SELECT 100.0*sum(packets_lost::int)/sum(packets::int) FROM network_measurements",
    "products.visit.punctual_rate": """SELECT 100.0*sum((coalesce(arrived_at,'9') <= appointment_to)::int)/count(*)
        FROM field_visits WHERE visit_result NOT IN ('cancelled','booked')""",
    "products.visit.quality_rate": "SELECT 100.0*sum((rating::int>3)::int)/count(rating) FROM field_visits",
    "products.visit.kept_rate": """SELECT 100.0*count(arrived_at)/count(*) FROM field_visits
        WHERE visit_result IN ('done','failed','no_customer','postponed')""",
    "products.visit.delay.mean_min": """SELECT avg(greatest(0, date_diff('minute', appointment_to::timestamp,
        arrived_at::timestamp))) FROM field_visits WHERE arrived_at IS NOT NULL""",
    "products.visit.once_rate": """SELECT 100.0*count(*) FILTER (revisit_of IS NULL)/count(*) FROM field_visits
        WHERE visit_result='done'""",
    "products.visit.on_site.mean_min": """SELECT avg(date_diff('minute', arrived_at::timestamp,
        finished_at::timestamp)) FROM field_visits WHERE visit_result='done'""",
    "tariffs.campaign.gate_rate": """SELECT 100*avg((concat(compliance_passed, interface_passed, risk_tested,
        emergency_plan) = 'truetruetruetrue')::int) FROM campaigns WHERE approved_at IS NOT NULL""",
    "tariffs.campaign.planned_together_rate": """SELECT 100*avg((concat(needs_checked, impact_assessed) =
        'truetrue')::int) FROM campaigns""",
    "tariffs.campaign.approval.mean_h": """SELECT avg(date_diff('hour', submitted_at::timestamp,
        approved_at::timestamp)) FROM campaigns""",
    "tariffs.campaign.evaluated_rate": "SELECT 100.0*count(evaluated_at)/count(*) FROM campaigns WHERE campaign < 'P3'",
    "tariffs.campaign.stopped_rate": """SELECT 100.0*count(stopped_at)/count(*) FROM campaigns
        WHERE campaign IN ('P1','P2','P3','P5')""",
    "tariffs.risk.unapproved_rate": "SELECT 100.0*sum((campaign IN ('P2','P5'))::int)/4 FROM campaigns",
    "tariffs.campaign.complaint_per_10k": """SELECT 10000*avg((complained='true')::int) FROM campaign_contacts
        WHERE response <> 'no_answer'""",
    "tariffs.campaign.benefit_in_time_rate": """SELECT 100*avg((benefit_given_at <= benefit_due_at AND
        benefit_given_at IS NOT NULL)::int) FROM campaign_contacts WHERE contact_id IN ('K1','K2','K5')""",
    "tariffs.campaign.terms_told_rate": """SELECT 100*avg((terms_told='true')::int) FROM campaign_contacts
        WHERE response='accepted'""",
    "tariffs.campaign.again_soon_rate": "SELECT 100.0*count(previous_contact_at)/count(*) FROM campaign_contacts",
    "tariffs.campaign.regret_rate": """SELECT 100.0*count(cancelled_at)/count(*) FROM campaign_contacts
        WHERE response='accepted'""",
    "tariffs.risk.against_will_per_10k": """SELECT 10000.0*count(*) FILTER (opted_out='true')/count(*)
        FROM campaign_contacts""",
    "tariffs.audit_pass_rate": "SELECT 100*avg((ok='true')::int) FROM market_audits",
    "tariffs.audit.corrected_in_time_rate": """SELECT 100*avg(coalesce(corrected_at < correct_by, false)::int)
        FROM market_audits WHERE audit_item IN ('terms_shown','no_false_claim')""",
    "products.sp.confirmed_rate": """SELECT 100*avg(coalesce(confirmed_at <= effective_at, false)::int)
        FROM sp_subscriptions WHERE variant='order' AND effective_at IS NOT NULL""",
    "products.sp.told_rate": """SELECT 100*avg((date_diff('minute', effective_at::timestamp, notified_at::timestamp)
        <= 60)::int) FROM sp_subscriptions WHERE variant='order' AND effective_at IS NOT NULL""",
    "products.sp.cancel_within_1h_rate": """SELECT 100*avg((date_diff('minute', requested_at::timestamp,
        effective_at::timestamp) <= 60)::int) FROM sp_subscriptions WHERE variant='cancel'""",
    "products.sp.cancel_failed_rate": """SELECT 100.0*(count(*)-count(effective_at))/count(*) FROM sp_subscriptions
        WHERE variant='cancel'""",
    "products.sp.refund_rate": "SELECT 100.0*sum(refunded_fen::int)/sum(fee_fen::int) FROM sp_subscriptions",
    "products.risk.unrequested_per_10k": """SELECT 10000*avg((customer_action_at IS NULL)::int) FROM sp_subscriptions
        WHERE subscription_id IN ('B1','B2','B3')""",
    "conduct.partner.improper_rate": """SELECT 100*avg((subscription_id='B2')::int) FROM sp_subscriptions
        WHERE subscription_id <= 'B3'""",
    "products.install.installed_rate": """SELECT 100*avg((install_result='installed' AND activated_at IS NOT NULL)::int)
        FROM installations WHERE install_result <> 'pending'""",
    "products.install.in_time_rate": """SELECT 100*avg((activated_at <= promised_at)::int) FROM installations
        WHERE activated_at IS NOT NULL""",
    "products.install.used_rate": """SELECT 100.0*count(first_used_at)/count(*) FROM installations
        WHERE activated_at IS NOT NULL""",
    "products.install.wait_cancel_rate": "SELECT 100.0*sum((cancel_cause='late')::int)/count(*) FROM installations",
    "products.install.resource_ok_rate": "SELECT 100*avg((resource_ok='true')::int) FROM installations",
    "network.fault.in_time_rate": """SELECT 100*avg((restored_at <= due_at)::int) FROM network_faults""",
    "network.fault.found_first_rate": "SELECT 100*avg((found_by <> 'complaint')::int) FROM network_faults",
    "network.fault.notice.mean_min": """SELECT avg(date_diff('minute', occurred_at::timestamp, noticed_at::timestamp))
        FROM network_faults""",
    "network.fault.announced_rate": """SELECT 100.0*count(announced_at)/count(*) FROM network_faults
        WHERE fault_level='critical'""",
    "network.risk.long_outage_rate": """SELECT 100*avg((date_diff('hour', occurred_at::timestamp,
        restored_at::timestamp) > 4)::int) FROM network_faults""",
    "network.risk.affected_per_10k": """SELECT 10000.0*sum(affected_customers::int)/5000 FROM network_faults
        WHERE fault_level='critical'""",
    "conduct.account.bulk_rate": """SELECT 100*avg((action_id IN ('O2','O3'))::int) FROM operator_actions
        WHERE staff_action SIMILAR TO '(account_opening|service_activation)'""",
    "conduct.key_service.unrequested_rate": """SELECT 100*avg((request_id IS NULL)::int) FROM operator_actions
        WHERE key_service='true'""",
    "conduct.service.short_lived_rate": """SELECT 100*avg(coalesce(date_diff('day', acted_at::timestamp,
        reversed_at::timestamp) < 7, false)::int) FROM operator_actions WHERE staff_action='service_activation'""",
    "conduct.account.unidentified_rate": """SELECT 100*avg((identified='false')::int) FROM operator_actions
        WHERE staff_action LIKE '%enquiry'""",
    "products.readiness_rate": "SELECT 100*avg((passed='true')::int) FROM product_checks",
    "products.risk.launched_unready_rate": """SELECT 100*avg((passed='false' AND launched_at <= checked_at)::int)
        FROM product_checks""",
    "products.before.design.rules": "SELECT 100.0*count(signed_at) FROM product_checks WHERE check_item='design_rules'",
    "products.before.resource.systems": """SELECT 100*avg((checked_at <= due_at)::int) FROM product_checks
        WHERE check_item='resource_systems'""",
    "products.before.channel.hotline": """SELECT 100*avg((passed='true' AND round='1')::int) FROM product_checks
        WHERE check_item='channel_hotline'""",
    "voice.response_rate": """SELECT 100*avg((outcome='complete')::int) FROM survey_frames
        WHERE outcome <> 'unreachable'""",
    "voice.reserve_rate": "SELECT 100*avg((reserve='true')::int) FROM survey_frames WHERE outcome='complete'",
    "voice.callback_short_rate": """SELECT 100*avg((interview_s::int <= 300)::int) FROM survey_frames
        WHERE survey_purpose='callback'""",
    "voice.callback.mean_h": """SELECT avg(date_diff('hour', event_at::timestamp, contacted_at::timestamp))
        FROM survey_frames WHERE survey_purpose='callback'""",
    "network.complaint.per_10k": "SELECT 10000.0*count(*)/5000 FROM complaints WHERE commercial_process='network'",
    "network.complaint.coverage_rate": """SELECT 100*avg((category='network_coverage')::int) FROM complaints
        WHERE commercial_process='network'""",
    "network.complaint.repeat_rate": """SELECT 100.0*count(repeat_of)/count(*) FROM complaints
        WHERE commercial_process='network'""",
    "network.trouble.in_time_rate": """SELECT 100*avg((repaired_at <= due_at)::int) FROM trouble_reports
        WHERE commercial_process='network'""",
    "tariffs.complaint.provider_fault_rate": """SELECT 100*avg((operator_fault='true')::int) FROM complaints
        WHERE commercial_process='tariffs'""",
    "tariffs.complaint.compensation_mean_yuan": """SELECT avg(compensation_fen::int)/100 FROM complaints
        WHERE commercial_process='tariffs'""",
    "tariffs.complaint.outside_rate": """SELECT 100.0*count(escalated_to)/count(*) FROM complaints
        WHERE commercial_process='tariffs'""",
    "tariffs.complaint.first_reply.mean_min": """SELECT avg(date_diff('minute', received_at::timestamp,
        first_reply_at::timestamp)) FROM complaints WHERE commercial_process='tariffs'""",
    "products.complaint.per_10k_users": "SELECT 10000.0*count(*)/1000 FROM complaints WHERE product='wlan'",
    "products.quality_per_10k_users": """SELECT 10000.0*count(*)/1000 FROM complaints
        WHERE category='product_quality'""",
    "products.complaint.reopened_rate": """SELECT 100.0*count(reopened_at)/count(closed_at) FROM complaints
        WHERE commercial_process='products'""",
    "products.during.complaint.mean_h": """SELECT avg(date_diff('hour', received_at::timestamp, closed_at::timestamp))
        FROM complaints WHERE product='wlan'""",
    "products.during.call_back.mean_h": """SELECT avg(date_diff('hour', closed_at::timestamp,
        called_back_at::timestamp)) FROM complaints WHERE product='wlan'""",
    "products.during.assurance.mean_h": """SELECT avg(date_diff('hour', reported_at::timestamp,
        repaired_at::timestamp)) FROM trouble_reports WHERE product='wlan'""",
    "products.trouble.per_10k_users": "SELECT 10000.0*count(*)/1000 FROM trouble_reports WHERE product='wlan'",
    "products.trouble.fixed_first_rate": "SELECT 100*avg((fixed_first='true')::int) FROM trouble_reports",
    "voice.competitor_lead": "SELECT avg(own_score::int) - avg(score::int) FROM competitor_observations WHERE own_score > ''",
    "tariffs.competitor.price_ratio": "SELECT (3600+1900)/sum(price_fen::int) FROM competitor_observations",
    "products.session.success_rate": "SELECT 100*avg((session_end <> 'refused')::int) FROM data_sessions",
    "products.session.broken_rate": "SELECT 100.0*1/count(*) FROM data_sessions WHERE session_id <> 'S3'",
    "products.session.slow_rate": "SELECT 100.0*1/count(first_response_ms) FROM data_sessions",
    "products.session.speed": """SELECT sum(data_kb::int)*8/1000.0/sum(duration_s::int) FROM data_sessions
        WHERE data_kb IS NOT NULL""",
    "products.session.data_mb": "SELECT sum(data_kb::int)/1000.0 FROM data_sessions",
    "network.dial.voice_success_rate": "SELECT 100*avg((ok='true')::int) FROM service_tests WHERE test_kind='voice'",
    "network.dial.voice_quality": "SELECT avg(quality_score::int)/100 FROM service_tests",
    "network.dial.web_success_rate": "SELECT 100*avg((ok='true')::int) FROM service_tests WHERE test_kind='web'",
    "products.test_success_rate": "SELECT 100*avg((ok='true')::int) FROM service_tests WHERE product LIKE 'mobile%'",
    "conduct.group_port.burst_rate": "SELECT 100.0*(6000+500+1500)/sum(recipients::int) FROM group_messages",
    "conduct.group_port.opted_out_rate": "SELECT 100.0*sum(opted_out::int)/(6000+500+1500) FROM group_messages",
    "conduct.group_port.reports_per_10k": """SELECT 10000.0*sum(reported::int)/sum(delivered::int) FROM group_messages
        WHERE batch_id <> 'G4'""",
    "conduct.person.bulk_rate": "SELECT 100.0*(400+250)/sum(messages::int) FROM person_messages",
    "conduct.person.reports_per_10k": "SELECT 10000.0*sum(reported::int)/sum(messages::int) FROM person_messages",
    "conduct.person.bulk_senders": "SELECT count(DISTINCT sender) FROM person_messages WHERE recipients::int > 100",
    "proactive.eligible": "SELECT count(*) FROM service_promotions",
    "proactive.offered_rate": "SELECT 100.0*count(offered_at)/4 FROM service_promotions",
    "proactive.accept_rate": "SELECT 100.0*count(accepted_at)/count(offered_at) FROM service_promotions",
    "proactive.use_rate": "SELECT 100.0*count(first_used_at)/count(accepted_at) FROM service_promotions",
    "voice.mystery_score": "SELECT 100.0*sum(score::int)/sum(max_score::int) FROM mystery_visits",
    "voice.mystery_full_rate": "SELECT 100*avg((score=max_score)::int) FROM mystery_visits",
    "tariffs.mystery.explained_score": "SELECT 100.0*(6+10)/(10+10)",
    "voice.end_moment": "SELECT avg(grade::int) FROM peak_end_moments WHERE position='2'",
    "voice.poor_step_rate": "SELECT 100*avg((grade IN ('1','2'))::int) FROM peak_end_moments",
}
"""What each indicator must say, as SQL over tables of texts."""
