"""Topics: the concrete matters behind the complaint categories, and how each is spoken of (first half).

A category has several topics with different words, so that no one word stands for a category. Shares, responsible
parties and sentences are ours. The topics of felt experiences agree with `feelings.MEANING`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """One matter. share: of the complaints without a felt experience. provider, third: chance that it proves our
    fault or a third party's. felt: a topic of that experience, named as in `Felt`. business: of `businesses`."""

    code: str
    category: str
    commercial: str
    process: str
    products: tuple[str, ...]
    business: str
    share: float
    provider: float
    third: float
    phrases: tuple[str, ...]
    felt: bool = False


_SP: Final = ("mobile_reading", "mobile_video", "ring_back_tone", "info_12580", "messaging")

TOPICS_PLANS_AND_MONEY: Final[tuple[Topic, ...]] = (
    Topic("charged_unasked", "order_record", "products", "sp_service_order", _SP, "value_added", 2.6, 0.30, 0.45, (
        "[从来没|没|根本没][订|开|点]过{品}，[每个月|月月|这个月]却扣{元}",
        "[账上|后台]多出[一个|]{品}包月，[本人|我]不知情", "{突}被[开|加]了{品}，[谁|什么时候]订的都不晓得",
        "{品}[不是我|没经过我同意]开的，[扣了|收了]{元}", "手机[上|里]没[点|回复]过确认，{品}[怎么|咋个]就订[上|购]了",
        "[自动|偷偷]给[{人}|我]开{品}，[乱|瞎]收{元}",
    ), True),
    Topic("order_late", "order_record", "support", "service_order", ("family_network", "mobile_internet",
          "voice"), "plan",
          1.2, 0.40, 0.05, (
        "{日}[办|申请]了{品}，[到现在|]查不到[办理|订购]记录", "{厅}说[已|]办好，系统里[却|]没有[这条|]记录",
        "[退|取消]了{品}，[记录里|清单上]还[挂|留]着", "{品}[受理|申请]{久}了[还|]显示处理中",
        "[预约|登记]的{品}[一直|]没登记上", "两边[厅里和网上|]显示的[订购|业务]不一致",
    ), True),
    Topic("flow_order", "order_record", "support", "service_order", ("mobile_internet",), "data", 2.0, 0.35, 0.05, (
        "流量[包|加油包]重复[订|开]了{次}，只[要|用]一个", "[想|要]退流量包，[页面|后台]说[没订过|没有订购]",
        "[10|5]元流量包[变|成]了[50|20]元的，[记录|档位]不对", "{日}[已|]退订流量[套餐|包]，次月又[订购上|续]了",
        "流量包[生效日|开通时间][记|写]错[了|]，应该下月[才|]生效",
    )),
    Topic("broadband_order", "order_record", "support", "plan_order", ("home_broadband",), "broadband", 0.9,
          0.40, 0.05, (
        "宽带[续费|包年]{日}交的，[系统|档案]里[没|查不到]续上", "宽带[提速|升级][单子|申请]丢了",
        "[装机|宽带]预约[没|查不到]登记", "宽带[拆机|退网]单[一直|]没[办结|归档]",
        "[包年|]宽带到期[日|时间]记[错|少]了一个月",
    )),
    Topic("resume_late", "provisioning", "billing", "payment_resume", (), "payment", 0.8, 0.65, 0.05, (
        "[交|缴|充]了{元}{久}了还{没}[开机|复机|通]", "钱[早就|]交进去[了|]，[电话|手机]还[打不出去|是停着]",
        "缴[完|清]欠费，[停机|停着]{久}没恢复", "{人}给[充|交]的{钱}，号码[迟迟|到现在]不[恢复|开]",
        "[扣款|付款]成功，[还是|仍]提示[欠费停机|已停机]", "钱没了，还没开机",
        "[到账|交费]短信[有了|都收到了]，就是打不了电话", "[恢复|复机][慢|迟]得要命，等了{久}",
    ), True),
    Topic("order_failed", "provisioning", "support", "service_order",
          ("family_network", "ring_back_tone", "international_roaming", "mobile_internet", "wlan"), "plan", 2.0, 0.50, 0.08, (
        "{办}{品}{次}都[失败|不成功|报错]", "{品}[开|办]不了，[系统|页面][提示|说]出错",
        "[申请|点]{品}[总是|老是]提示[稍后再试|操作失败]", "{品}显示[已开|成功]，[实际|其实]没[生效|开通]",
        "[换|转]{品}[转|办]到一半卡[住|死]了", "{厅}[帮我|]{办}{品}，[办|开]了{次}[没|不]成",
    ), True),
    Topic("roaming_switch", "provisioning", "support", "service_order", ("international_roaming",), "roaming",
          1.0, 0.45, 0.05, (
        "[出国|去香港]前{办}了国际漫游，[落地|到那边]没[网|信号]用", "[国际长途|港澳台]权限[没|打不]开",
        "漫游功能[被|]{突}关[了|掉了]", "在[泰国|香港|韩国][开机|]一直[搜不到网|打不出]，[说|讲好]开过的",
    )),
    Topic("plan_split", "provisioning", "support", "plan_order", ("virtual_network", "family_network"), "plan",
          1.3, 0.45, 0.04, (
        "[亲情网|虚拟网]加[不进|了{久}没加上][{人}|成员]", "[虚拟网|集团网]短号[打不通|没有配]",
        "融合套餐[主副卡|副号]没[绑|配]上", "统一支付[开|绑定]失败", "换[套餐|品牌]后[来电显示|呼叫转移]没[有|带过来]",
        "[成员|短号]数据没[同步|下发]",
    )),
    Topic("feature_forward", "feature_use", "support", "service_order", ("voice",), "voice", 1.4, 0.25, 0.15, (
        "[来电显示|呼叫转移|呼叫等待]不会[设|用]", "[转移|等待]功能[取|关]不掉", "来电[都|]显示[未知号码|不出名字]",
        "[三方通话|语音信箱]怎么[都|]用不[了|起来]", "[黑名单|防骚扰][设|加]了[没用|不起作用]",
        "按了*[21|67]#[没|不]反应", "秘书台[老是|]接[走|]我的电话",
    )),
    Topic("feature_tone", "feature_use", "products", "service_order", ("ring_back_tone", "mobile_video"),
          "value_added", 1.2, 0.30, 0.20, (
        "[彩铃|铃音][换|设]不了[歌|曲子]", "设的[彩铃|歌曲]别人[听不到|听是嘟嘟声]", "[视频|音乐]客户端[打不开|闪退]",
        "{品}[登|点]进去[白屏|转圈]", "彩铃[变|换]成[别的|奇怪的]歌", "[下载|缓存]的[片子|歌]不能[播|放]",
    )),
    Topic("feature_app", "feature_use", "e_channels", "subscription_enquiry", ("mobile_internet",), "other",
          1.6, 0.45, 0.10, (
        "[掌厅|网厅|客户端][登不上|密码错误]", "[网厅|掌上营业厅][页面|]一直[转|打不开]",
        "[客户端|手机营业厅][闪退|升级后打不开]", "[随机码|验证码]发[不来|过来无效]，[进不去|登不上]",
        "[网上|]交费[页面|]点[了|]没反应", "[APP|软件]里[查|办]不了[业务|东西]",
    )),
    Topic("feature_wallet", "feature_use", "e_channels", "mobile_payment_order", ("mobile_payment",),
          "payment", 0.7, 0.35, 0.25, (
        "手机支付[刷不了|用不了]", "[手机钱包|刷卡]在[超市|公交]不[能用|认]", "[支付|钱包]密码[锁|忘]了[解不开|]",
        "绑[银行卡|卡]绑不[上|了]", "[付款|支付]时[闪退|提示异常]",
    )),
    Topic("real_name", "customer_data", "hall", "real_name_registration", (), "customer_data", 1.4, 0.35, 0.08, (
        "实名[登记|]的[名字|证件号]写错[了|]", "[身份证|证件][到期|换了]资料[更新不了|没改]",
        "名下[多|冒]出[一个|两个]号码[不认识|不是自己开的]", "[户名|机主]还是[前面的|别人的]",
        "[过户|改名]{次}都[退回来|办不了]", "登记[地址|姓名]里[有|]错别字",
    )),
    Topic("vip_level", "customer_data", "care", "enquiry_service", (), "customer_data", 0.7, 0.35, 0.03, (
        "[金卡|钻卡|VIP][等级|级别]{突}[降|没]了", "[VIP|贵宾]资格[评|算]错", "[客户经理|贵宾]资料[没|未]更新",
        "[星级|级别]跟消费[不符|对不上]", "[生日|称呼]登记[不对|错了]",
    )),
    Topic("points", "customer_data", "care", "points_processing", (), "points", 1.2, 0.35, 0.10, (
        "积分[少|不见]了[一大半|两千多]", "积分[清零|到期][没说过|不知道]", "[兑|换]的[礼品|东西][没|{久}没]到",
        "[兑换|积分]资料对不上", "积分[转|算]到[别人|{人}]名下",
    )),
    Topic("not_credited", "charge_doubt", "billing", "recharge", (), "payment", 1.6, 0.45, 0.20, (
        "[充|交|冲]了{元}[没|不]到账", "[银行|网银|机器][扣了钱|已扣款]，手机[里|余额]没[多|加]",
        "在{厅}[交|充]的{元}[查不到|没进去]", "[充值卡|卡密]刮开[充|输]进去[没|不]增加",
        "钱[充|打]到[别人|别的]号上[去了|]", "[交|缴]费{久}了余额[还是|]老样子", "付了{次}[只|才]到一笔",
    ), True),
    Topic("bill_wrong", "charge_doubt", "billing", "bill_enquiry", ("voice", "mobile_internet"), "bill", 2.6,
          0.45, 0.05, (
        "[这个月|上月]多收[了|]{元}", "[一晚上|一天]扣[掉|了]{元}，[没打几个电话|什么都没干]",
        "[通话|语音]时长[对不上|多算了]", "[长途|市话]按[漫游|长途]收[了|]", "[话单|记录]上有[没打过的|不认识的]号码",
        "[{元}|钱][不知|]怎么就扣[没|光]了", "[重复|两次]收[了|]月租", "返[还|的]{钱}[没|少]返{元}",
    ), True),
    Topic("data_charge", "charge_doubt", "billing", "realtime_charging", ("mobile_internet",), "data", 2.4,
          0.30, 0.05, (
        "[没开|关了]数据[还|也]收上网费{元}", "[睡觉|半夜]跑掉[几百兆|1个G]流量，扣[了|]{元}",
        "[套餐外|超出]流量[收|扣]{元}，[太离谱|不认]", "[WAP|后台]偷跑[扣|收]了{元}",
        "包里还有剩，[却|还]按[套餐外|标准]扣[了|]{元}",
    )),
    Topic("group_bill", "billing_run", "billing", "monthly_billing", ("virtual_network",), "group", 1.0, 0.40, 0.03, (
        "[集团|单位]账[出|算]不出来", "[公司|单位]统付的[号|成员][没|漏]付",
        "[集团|单位]发票[金额|]跟[出账|账单]差{元}", "[合账|分账]分[错|反]了", "[月结|出账]日[变|推迟]了没[通知|说]",
    )),
    Topic("suspended", "billing_run", "billing", "arrears_suspension", (), "bill", 1.2, 0.25, 0.02, (
        "[一号|月初]一出账就[停|给停]了", "[信用|透支]额度没用完就[停|关]机", "[月租|费用]一扣[完|]就欠费停机",
        "[才|只]欠[几块|{元}]就停[机|]", "[出账|结账]后[余额|]变负[数|的]，{突}停[了|机]",
        "[昨天|{日}]还有[钱|余额]，今天就[停|欠费]了",
    ), True),
    Topic("late_bill", "billing_run", "billing", "daily_billing", (), "bill", 0.9, 0.45, 0.02, (
        "[上个月|去年]的费用[现在|这会]才[补|出]", "账期[混|串]了，[两个月|上下月]的[算|并]在一起",
        "[出账|月结]{久}了[还|]没[出来|算好]", "[代扣|托收]出账[失败|没扣成]要[滞纳金|违约金]",
        "[销号|销户]以后还[出账|欠]{元}",
    )),
    Topic("enquiry_failed", "statement_data", "e_channels", "bill_enquiry", (), "bill", 1.4, 0.45, 0.03, (
        "[详单|清单|账单]查[不出来|不了]，[页面|系统]报错", "[网厅|短厅]查账单[一直|老是]超时",
        "账单[下载|打印]出来[是空的|缺一页]", "[查|点]账单[没|不]反应", "[发|回]了{次}[CXZD|查询指令]没[回|数据]",
        "[前|上]几个月的账单[看不到|打不开]",
    ), True),
    Topic("statement_gap", "statement_data", "billing", "call_detail_enquiry", (), "bill", 1.3, 0.40, 0.02, (
        "[详单|清单]少[了|]几天[的|]", "详单和账单[金额|]对不上", "账单里[有一项|一栏][看不懂|名目不明]",
        "[纸质|邮寄|电子]账单{久}没[寄|收]到", "[费用|账单]明细[笼统|不列]", "[139|邮箱]账单[发|寄]到[别人|错]邮箱",
    )),
    Topic("invoice", "statement_data", "billing", "invoice_printing", (), "bill", 1.0, 0.35, 0.05, (
        "发票[打|开]不出来", "发票[抬头|金额]打错", "[月结|预存]发票[说|]已[打|开]过了", "发票机[没纸|坏了]，跑了{次}",
        "发票[跟|和]账单数字[差|不符]",
    )),
    Topic("bill_high", "fee_level", "billing", "bill_enquiry", ("voice", "mobile_internet"), "bill", 2.0, 0.10, 0.02, (
        "[话费|费用][太|忒]高，[比{竞}|比以前]贵[一倍|多了]", "[每月|月月]都要{元}，[用不起|吃不消]",
        "[打|接]个电话[这么|介]贵", "[资费|价钱][不合理|偏高]", "[用|打]得不多[也要|还收]{元}",
        "[同样|一样]打，{竞}只要{元}",
    ), True),
    Topic("roaming_fee", "fee_level", "tariffs", "realtime_charging", ("international_roaming", "voice"),
          "roaming", 1.0, 0.15, 0.02, (
        "漫游[一分钟|]要{元}，[抢钱|贵得离谱]", "[国际|港澳]上网[费|资费]几[天|兆]就{元}",
        "接[听|]电话还要[收费|漫游费]", "[省外|外地]打[本地|家里]电话[太贵|收两道]",
    )),
    Topic("plan_fee", "fee_level", "tariffs", "monthly_fee_charging", ("voice", "mobile_internet"), "plan",
          1.5, 0.10, 0.02, (
        "[月租|最低消费][太高|不合理]", "套餐[降档|降级]不让[降|办]，[老|旧]套餐划不来",
        "流量[一兆|]要一块[钱|]，[太黑|不划算]", "[新客户|新号]便宜老客户[贵|没优惠]",
        "[保底|最低消费]{元}[根本|]用不完", "[来电显示|停机保号]还[要|]收钱",
    )),
)  # fmt: skip
"""Categories about plans, customer data and money."""
